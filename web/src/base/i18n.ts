// The page's language: English or Korean. Every text is given in both where it is used, and one
// without its Korean does not compile.
//
//     const t = useText();
//     t('Start', '시작')        of the page itself
//     t(walk.title)            of the server, which says both, or one where they are alike
//     both('Start', '시작')     the same as a value, for tables of words
import { useSyncExternalStore } from './store';

export type Language = 'en' | 'ko';
/** What the server says alike in both languages; no string of the page's own. */
export type Told = string & { readonly told: true };
export type Text = Told | '' | { en: string; ko: string };

export const both = (en: string, ko: string): Text => ({ en, ko });

const KEY = 'fovea.language';
const listeners = new Set<() => void>();

function first(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === 'en' || kept === 'ko') return kept;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

let language = first();
document.documentElement.lang = language;

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(KEY, next);
  document.documentElement.lang = next;
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => language);
}

/** Nothing more where a string may be any name; the Korean where it is a text written here. */
type Rest<S extends string> = string extends S ? [] : S extends '' ? [] : [korean: string];

export interface Say {
  (english: string, korean: string): string;
  (text: Text): string;
  <S extends string>(name: S | Text, ...rest: Rest<S>): string;
}

export function useText(): Say {
  const now = useLanguage();
  return (text: Text | string, korean?: string): string => {
    if (korean !== undefined) return now === 'ko' ? korean : (text as string);
    return typeof text === 'string' ? text : text[now];
  };
}
