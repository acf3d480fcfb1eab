/** The narrow port the signaling client needs of a WebSocket, and the real one behind it. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketHandlers {
  message(data: unknown): void;
  /** At most once; also when the socket never opened. */
  closed(): void;
}

/** May throw: browsers refuse `ws:` from an https page and malformed URLs right here. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;

export const openWebSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url);
  socket.addEventListener('message', (event: MessageEvent<unknown>) => handlers.message(event.data));
  socket.addEventListener('close', () => handlers.closed(), { once: true });
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
};
