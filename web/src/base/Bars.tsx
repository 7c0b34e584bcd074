import { useLayoutEffect, useRef } from 'preact/hooks';
import { percent } from './format';

/** A bar of a share; its number stands beside it. */
export function Bar({ share }: { share: number }) {
  const bar = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    bar.current?.style.setProperty('--share', String(Math.min(1, Math.max(0, share))));
  });
  return <span class="bar" ref={bar} aria-hidden="true" />;
}

/** Names and shares, likeliest first as given. */
export function Bars({ items, label }: { items: { label: string; value: number }[]; label: string }) {
  return (
    <ul class="bars" aria-label={label}>
      {items.map((item, i) => (
        <li key={i}><span>{item.label}</span><Bar share={item.value} />
          <span>{percent(item.value)}</span></li>))}
    </ul>
  );
}
