// The words of the settings and of the states of runs, in both languages.
import type { Text } from '../base/i18n';
import type { Preset } from './form';
import type { RunState, TrainingState } from './types';

interface Named {
  name: Text;
  hint?: Text;
}

export const SETTINGS: Record<string, Named> = {
  model: { name: { en: 'Model', ko: '모델' } },
  data: { name: { en: 'Data', ko: '데이터' } },
  epochs: {
    name: { en: 'Epochs', ko: '에포크' },
    hint: { en: 'passes over the training images', ko: '학습 이미지를 처음부터 끝까지 보는 횟수' },
  },
  batch_size: {
    name: { en: 'Batch size', ko: '배치 크기' },
    hint: { en: 'images a step', ko: '한 스텝에 보는 이미지 수' },
  },
  lr: {
    name: { en: 'Learning rate', ko: '학습률' },
    hint: { en: 'how far a step goes', ko: '한 스텝에 얼마나 움직이는가' },
  },
  limit_train: {
    name: { en: 'Training images', ko: '학습 이미지' },
    hint: { en: 'only so many; 0 takes all', ko: '이만큼만 씁니다. 0이면 모두' },
  },
  limit_test: {
    name: { en: 'Test images', ko: '테스트 이미지' },
    hint: { en: 'only so many; 0 takes all', ko: '이만큼만 씁니다. 0이면 모두' },
  },
  val_fraction: {
    name: { en: 'Validation share', ko: '검증 비율' },
    hint: {
      en: 'held back to pick the best weights',
      ko: '가장 좋은 가중치를 고르려고 떼어 둡니다',
    },
  },
  weight_decay: {
    name: { en: 'Weight decay', ko: '가중치 감쇠' },
    hint: { en: 'empty: as the optimiser has it', ko: '비우면 최적화기의 기본값' },
  },
  label_smoothing: {
    name: { en: 'Label smoothing', ko: '라벨 스무딩' },
    hint: { en: 'share spread over all classes', ko: '모든 클래스에 나누어 주는 몫' },
  },
  patience: {
    name: { en: 'Patience', ko: '참을성' },
    hint: {
      en: 'epochs without a better one before it ends; 0: never',
      ko: '이만큼 나아지지 않으면 끝냅니다. 0이면 끝까지',
    },
  },
  seed: {
    name: { en: 'Seed', ko: '시드' },
    hint: { en: 'the same seed draws the same numbers', ko: '같은 시드는 같은 난수를 뽑습니다' },
  },
  log_every: {
    name: { en: 'Points of the curve', ko: '곡선의 점' },
    hint: { en: 'one every so many steps', ko: '몇 스텝마다 하나씩 남길까요' },
  },
  image_size: {
    name: { en: 'Image size', ko: '이미지 크기' },
    hint: { en: 'pixels a side; 0: as the pictures are', ko: '한 변의 픽셀 수. 0이면 사진 그대로' },
  },
  optimizer: { name: { en: 'Optimiser', ko: '최적화기' } },
  schedule: { name: { en: 'Schedule', ko: '학습률 일정' } },
  augment: { name: { en: 'Augmentation', ko: '데이터 증강' } },
};

export const SCHEDULES: Record<string, Text> = {
  none: { en: 'the same throughout', ko: '내내 같게' },
  step: { en: 'a tenth after each third', ko: '3분의 1마다 10분의 1로' },
  cosine: { en: 'down along a cosine', ko: '코사인을 따라 내려가게' },
  onecycle: { en: 'up, then down', ko: '올랐다가 내려가게' },
};

export const AUGMENTS: Record<string, Text> = {
  flip: { en: 'mirrored', ko: '좌우 뒤집기' },
  vflip: { en: 'upside down', ko: '상하 뒤집기' },
  crop: { en: 'moved', ko: '옮기기' },
  rotate: { en: 'turned', ko: '돌리기' },
  affine: { en: 'turned and sheared', ko: '돌리고 기울이기' },
  perspective: { en: 'seen askew', ko: '비스듬히 보기' },
  cutout: { en: 'a square erased', ko: '네모 지우기' },
  resizedcrop: { en: 'a part, enlarged', ko: '일부를 키우기' },
  jitter: { en: 'other colours', ko: '색 바꾸기' },
  grayscale: { en: 'grey', ko: '회색으로' },
  blur: { en: 'blurred', ko: '흐리게' },
  randaugment: { en: 'RandAugment', ko: 'RandAugment' },
  trivialaugment: { en: 'TrivialAugment', ko: 'TrivialAugment' },
  erase: { en: 'a part erased', ko: '일부 지우기' },
  mixup: { en: 'mixed', ko: '섞기' },
  cutmix: { en: 'parts exchanged', ko: '조각 바꾸기' },
};

export const PRESET_WORDS: Record<Preset, Named> = {
  quick: {
    name: { en: 'A quick try', ko: '잠깐 해 보기' },
    hint: {
      en: '2 epochs of 6,000 images: under a minute',
      ko: '이미지 6,000장으로 2에포크, 1분이 안 걸립니다',
    },
  },
  chapter: {
    name: { en: 'As in the chapter', ko: '책에 나온 대로' },
    hint: { en: '5 epochs of all images with Adam', ko: '모든 이미지로 5에포크, Adam' },
  },
  careful: {
    name: { en: 'As good as it gets', ko: '제대로 학습하기' },
    hint: {
      en: '15 epochs, one-cycle rate, augmented, a validation share',
      ko: '15에포크, 원사이클 학습률, 데이터 증강, 검증용 분리',
    },
  },
};

export const STATES: Record<RunState, Text> = {
  running: { en: 'running', ko: '학습 중' },
  done: { en: 'done', ko: '완료' },
  stopped: { en: 'stopped', ko: '멈춤' },
  died: { en: 'dead', ko: '비정상 종료' },
  broken: { en: 'broken', ko: '손상됨' },
};

export const STATE_HINTS: Partial<Record<RunState, Text>> = {
  died: {
    en: 'Its process ended without a word. It is whole up to its last checkpoint: go on from there.',
    ko: '프로세스가 아무 말 없이 끝났습니다. 마지막 체크포인트까지는 온전하므로 거기서 이어 갈 수 있습니다.',
  },
  broken: { en: 'Its files cannot be read.', ko: '파일을 읽을 수 없습니다.' },
};

export const TRAINING: Record<TrainingState, Text> = {
  idle: { en: 'nothing runs', ko: '쉬는 중' },
  starting: { en: 'starting', ko: '시작하는 중' },
  running: { en: 'learning', ko: '학습 중' },
  paused: { en: 'paused', ko: '일시 정지' },
  judging: { en: 'being judged on test images', ko: '테스트 이미지로 평가하는 중' },
  stopping: { en: 'stopping, saving', ko: '저장하고 멈추는 중' },
};
