// A field of a form: its name, the control, and a hint that is read after the name and not as a part
// of it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  name: string;
  hint?: string;
  inline?: boolean;
  /** The control, with what ties it to the words. */
  children: (tie: { id: string; 'aria-describedby'?: string }) => ComponentChildren;
}

export function Field({ name, hint, inline, children }: Props) {
  const id = useId();
  return (
    <div class={inline ? 'field inline' : 'field'}>
      <label for={id}>{name}</label>
      {children(hint ? { id, 'aria-describedby': `${id}-hint` } : { id })}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
