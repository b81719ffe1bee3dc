/**
 * Colours on a terminal, by a few ANSI codes, and figures as people read them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
}

/** Colours where the stream is a terminal and nobody said NO_COLOR (no-color.org). */
export function styleFor(stream: { readonly isTTY?: boolean }, environment = process.env): Style {
  const isColoured = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  const code = (on: number, off: number) => (text: string) => (isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39) };
}

export const count = (n: number): string => n.toLocaleString('en-US');

/** `1 record`, `2 records`. */
export const counted = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

export function megabytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

export function rate(bytes: number, seconds: number): string {
  const perSecond = bytes / 1e6 / Math.max(seconds, 1e-6);
  return `${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} MB/s`;
}

/** `0:07`, `12:00`, `3:05:00`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Text without anything that a terminal would take for a command. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
