// A picture file: dropped here, chosen, or pasted.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../base/i18n';

const MOST_BYTES = 8_000_000; // the server takes no more

export function DropFile({ onFile }: { onFile: (file: Blob) => void }) {
  const t = useText();
  const [over, setOver] = useState(false);
  const [name, setName] = useState('');
  const [large, setLarge] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (file: File | null | undefined) => {
    if (!file) return;
    setLarge(file.size > MOST_BYTES);
    if (file.size > MOST_BYTES) return;
    setName(file.name);
    onFile(file);
  };
  useEffect(() => {
    const paste = (event: ClipboardEvent) => take(event.clipboardData?.files[0]);
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  });
  return (
    <div
      class={`drop${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files[0]);
      }}>
      <p>{t('Drop a picture here', '사진을 여기에 놓으십시오')}</p>
      <button type="button" onClick={() => input.current?.click()}>
        {t('Choose a file', '파일 고르기')}
      </button>
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-label={t('Picture file', '사진 파일')}
        accept="image/png,image/jpeg,image/webp,image/bmp,image/tiff"
        onChange={(event) => take(event.currentTarget.files?.[0])}
      />
      <p class="note" role="status">
        {large
          ? t('This file has more than 8 MB.', '8 MB가 넘는 파일입니다.')
          : name !== ''
            ? name
            : t('PNG, JPEG, WebP, BMP or TIFF, up to 8 MB', 'PNG, JPEG, WebP, BMP, TIFF, 8 MB까지')}
      </p>
    </div>
  );
}
