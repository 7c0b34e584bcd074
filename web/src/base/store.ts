// A value outside of components that they follow.
import { useEffect, useState } from 'preact/hooks';

/** The value that `read` gives, read anew whenever `subscribe`'s listener is called. */
export function useSyncExternalStore<T>(subscribe: (listener: () => void) => () => void,
    read: () => T): T {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const update = () => setValue(read);
    update();
    return subscribe(update);
  }, []);
  return value;
}
