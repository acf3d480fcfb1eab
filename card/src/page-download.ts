/** Hands a file to the browser that is made here: what came by WebSocket has no URL. */
export function downloadJson(value: unknown, name: string): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun with the click; it keeps what it needs.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
