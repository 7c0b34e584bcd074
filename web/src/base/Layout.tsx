// The frame of the page: its head with the tabs, and the tab that the address names.
import type { ComponentChildren } from 'preact';
import { ErrorNote } from './ErrorNote';
import { useLost } from './events';
import { Icon } from './Icon';
import { setLanguage, useLanguage, useText } from './i18n';
import { goTo, useRoute } from './route';
import { setTheme, useTheme } from './theme';

export interface Tab { id: string; english: string; korean: string; show: () => ComponentChildren }

export function Layout({ tabs }: { tabs: Tab[] }) {
  const t = useText();
  const route = useRoute();
  const language = useLanguage();
  const theme = useTheme();
  const lost = useLost();
  const open = tabs.find((tab) => tab.id === route.tab) ?? tabs[0];
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}>{t('To the content', '본문으로 건너뛰기')}</a>
      <header class="top">
        <h1>Fovea</h1>
        <nav aria-label={t('Tabs', '탭')}>
          {tabs.map((tab) => (
            <a key={tab.id} href={`#/${tab.id}`} aria-current={tab === open ? 'page' : undefined}
              onClick={(event) => { event.preventDefault(); goTo(tab.id); }}>
              {t(tab.english, tab.korean)}</a>))}
        </nav>
        <div class="choices">
          <button type="button" class="quiet" lang={language === 'ko' ? 'en' : 'ko'}
            onClick={() => setLanguage(language === 'ko' ? 'en' : 'ko')}>
            {language === 'ko' ? 'English' : '한국어'}</button>
          <button type="button" class="quiet" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
            <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
            {theme === 'dark' ? t('Light', '밝게') : t('Dark', '어둡게')}</button>
        </div>
      </header>
      <main id="main" tabIndex={-1} key={open?.id}>
        {lost !== null && <ErrorNote error={lost} />}
        {open?.show()}
      </main>
    </>
  );
}
