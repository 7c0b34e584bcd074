// The server's addresses: the one way in which the page asks it anything.

/** What the server says is wrong, or that it does not answer (status 0). */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export type Query = Record<string, string | number | undefined>;

function at(path: string, query: Query): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) words.append(name, String(value));
  const text = words.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function answer<T>(path: string, init?: RequestInit): Promise<{ status: number; body: T }> {
  let response: Response, text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    // One that nobody waits for any more is no answer, and neither is one that was cut off.
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, '');
  }
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    if (response.ok) throw new ApiError(response.status, 'the answer is no JSON');
  }
  if (!response.ok) {
    const told = (body as { error?: string }).error;
    throw new ApiError(response.status, told ?? response.statusText);
  }
  return { status: response.status, body: body as T };
}

/** GET, with the status: 202 says that it is still computed. */
export function ask<T>(path: string, query: Query = {}, signal?: AbortSignal):
    Promise<{ status: number; body: T }> {
  return answer<T>(at(path, query), { signal });
}

/** GET. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, query, signal)).body;
}

/** POST of JSON. */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await answer<T>(path, { method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' } })).body;
}

export interface Uploaded { image: string; width: number; height: number }

/** Sends a picture, whose light and dark are swapped if so wished. */
export async function upload(picture: Blob, invert: boolean): Promise<Uploaded> {
  return (await answer<Uploaded>(at('/api/upload', { invert: invert ? 1 : 0 }),
    { method: 'POST', body: picture, headers: { 'Content-Type': picture.type } })).body;
}
