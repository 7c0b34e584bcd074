import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './base/base.css';
import './walk/walk.css';
import './network/network.css';
import './train/train.css';
import './evaluate/evaluate.css';
import './predict/predict.css';
import './data/data.css';
import './tour/tour.css';
import { Layout, type Tab } from './base/Layout';
import { Data } from './data/Data';
import { Evaluate } from './evaluate/Evaluate';
import { Network } from './network/Network';
import { Predict } from './predict/Predict';
import { Tour } from './tour/Tour';
import { Train } from './train/Train';

const TABS: Tab[] = [
  { id: 'network', english: 'Network', korean: '신경망', show: () => <Network /> },
  { id: 'train', english: 'Train', korean: '학습', show: () => <Train /> },
  { id: 'evaluate', english: 'Evaluate', korean: '평가', show: () => <Evaluate /> },
  { id: 'predict', english: 'Predict', korean: '예측', show: () => <Predict /> },
  { id: 'data', english: 'Data', korean: '데이터', show: () => <Data /> },
  { id: 'tour', english: 'Tour', korean: '둘러보기', show: () => <Tour /> },
];

render(<Layout tabs={TABS} />, document.body);
