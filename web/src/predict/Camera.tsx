// The camera's picture: asked for when somebody wants it, let go as soon as it is taken or left.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../base/i18n';
import { bytesOf } from './strokes';

type State = 'off' | 'asking' | 'on' | 'refused' | 'missing' | 'busy';

const SIDE = 480; // of the square that is sent

function stateOf(error: unknown): State {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy';
}

/** The middle of what the camera sees, as a square. */
async function taken(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const side = Math.min(video.videoWidth, video.videoHeight);
  canvas
    .getContext('2d')
    ?.drawImage(
      video,
      (video.videoWidth - side) / 2,
      (video.videoHeight - side) / 2,
      side,
      side,
      0,
      0,
      SIDE,
      SIDE,
    );
  return bytesOf(canvas);
}

export function Camera({ onTaken }: { onTaken: (picture: Blob) => void }) {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const gone = useRef(false);
  const [state, setState] = useState<State>('off');
  const [seen, setSeen] = useState(false); // a first frame has come
  const possible = window.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined;

  const release = () => {
    stream.current?.getTracks().forEach((track) => track.stop());
    stream.current = null;
  };
  useEffect(
    () => () => {
      gone.current = true;
      release();
    },
    [],
  );

  const start = async () => {
    setState('asking');
    setSeen(false);
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      stream.current = got;
      if (gone.current) {
        release();
        return;
      }
      setState('on');
      if (video.current) {
        video.current.srcObject = got;
        await video.current.play();
      }
    } catch (error) {
      release();
      if (!gone.current) setState(stateOf(error));
    }
  };
  const stop = () => {
    release();
    setState('off');
  };
  const take = async () => {
    if (!video.current || video.current.videoWidth === 0) return;
    onTaken(await taken(video.current));
    stop();
  };

  const note: Partial<Record<State, string>> = {
    refused: t(
      'The browser does not let this page use the camera. Allow it in the settings of the address bar and try again.',
      '브라우저가 이 페이지에 카메라를 허용하지 않았습니다. 주소창의 설정에서 허용한 다음 다시 시도하십시오.',
    ),
    missing: t('This machine has no camera.', '이 기기에서 카메라를 찾지 못했습니다.'),
    busy: t(
      'The camera gives no picture. Another program may be using it.',
      '카메라가 영상을 보내지 않습니다. 다른 프로그램이 쓰고 있을 수 있습니다.',
    ),
  };
  if (!possible)
    return (
      <p class="note">
        {t(
          'Browsers give a page the camera only on this same machine (127.0.0.1 or localhost) or over https. This page was opened in another way: choose a picture file instead.',
          '브라우저는 같은 컴퓨터(127.0.0.1이나 localhost)에서 열거나 https로 연 페이지에만 카메라를 내어 줍니다. 이 페이지는 그렇게 열리지 않았으므로 사진 파일을 골라 주십시오.',
        )}
      </p>
    );
  return (
    <div class="camera">
      <video
        ref={video}
        class={state === 'on' ? 'seen' : 'unseen'}
        playsInline
        muted
        onLoadedData={() => setSeen(true)}
        aria-label={t('What the camera sees', '카메라에 보이는 모습')}
      />
      {state === 'on' ? (
        <div class="row">
          <button type="button" class="primary" disabled={!seen} onClick={() => void take()}>
            {t('Take the picture', '사진 찍기')}
          </button>
          <button type="button" onClick={stop}>
            {t('Close the camera', '카메라 끄기')}
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => void start()} disabled={state === 'asking'}>
          {t('Open the camera', '카메라 켜기')}
        </button>
      )}
      <p class="note" role="status">
        {note[state] ??
          t(
            'The picture goes to the program on this address and nowhere else. Browsers give the camera on the loopback (127.0.0.1) and over https alone.',
            '사진은 이 주소의 프로그램에만 전달됩니다. 브라우저는 루프백(127.0.0.1)이나 https에서만 카메라를 내어 줍니다.',
          )}
      </p>
    </div>
  );
}
