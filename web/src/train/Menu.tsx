// A small menu behind a button: a popover, which closes by itself on Escape or a click elsewhere, and
// which no scrolling box cuts off.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

interface Props {
  id: string;
  label: string;
  children: ComponentChildren;
}

export function Menu({ id, label, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const place = (event: Event) => {
    const at = button.current?.getBoundingClientRect(),
      box = list.current;
    if (!at || !box || (event as ToggleEvent).newState !== 'open') return;
    const below = at.bottom + 4 + box.offsetHeight <= window.innerHeight;
    box.style.setProperty('--left', `${Math.max(at.right - box.offsetWidth, 8)}px`);
    box.style.setProperty(
      '--top',
      `${Math.max(below ? at.bottom + 4 : at.top - 4 - box.offsetHeight, 8)}px`,
    );
  };
  return (
    <>
      <button
        type="button"
        class="small quiet"
        ref={button}
        popovertarget={id}
        aria-label={label}
        title={label}>
        ⋯
      </button>
      <div
        id={id}
        ref={list}
        popover="auto"
        class="menu"
        onToggle={place}
        onClick={() => list.current?.hidePopover()}>
        {children}
      </div>
    </>
  );
}
