// Equal pictures that came as one: feature maps, filters, samples. Each tile is drawn from the sheet;
// where something happens on a click, tiles are buttons.
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Sheet {
  columns: number;
  rows: number;
  width: number;
  height: number;
  png: string;
  count?: number;
}

interface Props {
  sheet: Sheet;
  label: string;
  captions?: string[];
  size?: 48 | 72;
  chosen?: number;
  /** Names a tile for who does not see it. */
  name?: (tile: number) => string;
  onChoose?: (tile: number) => void;
}

/** The sheet as a picture, once it is decoded. */
function usePicture(png: string): HTMLImageElement | null {
  const [picture, setPicture] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    let left = false;
    const image = new Image();
    image.onload = () => { if (!left) setPicture(image); };
    image.src = png;
    return () => { left = true; };
  }, [png]);
  return picture;
}

function Tile({ sheet, picture, at }: { sheet: Sheet; picture: HTMLImageElement | null; at: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !picture) return;
    const { width, height, columns } = sheet;
    context.drawImage(picture, (at % columns) * width, Math.floor(at / columns) * height, width, height,
      0, 0, width, height);
  }, [picture, sheet.width, sheet.height, at]);
  return <canvas class="tile" ref={canvas} width={sheet.width} height={sheet.height} aria-hidden="true" />;
}

export function TileSheet({ sheet, label, captions, size = 48, chosen, name, onChoose }: Props) {
  const picture = usePicture(sheet.png);
  const tiles = captions?.length ?? sheet.count ?? sheet.columns * sheet.rows;
  return (
    <ul class={`tiles t${size}`} aria-label={label}>
      {Array.from({ length: tiles }, (_, i) => {
        const tile = <Tile sheet={sheet} picture={picture} at={i} />;
        return (
          <li key={i}>
            {onChoose ? <button type="button" class="tile-button" aria-pressed={chosen === i}
              aria-label={name?.(i) ?? `${label} ${i}`} onClick={() => onChoose(i)}>{tile}</button> : tile}
            {captions && <span title={captions[i]}>{captions[i]}</span>}
          </li>);
      })}
    </ul>
  );
}
