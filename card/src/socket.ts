/** The narrow port the signaling client needs of a WebSocket, and the real one behind it. */
import { Reachability } from './reachability.ts';

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

/** Opens sockets for one client, and remembers how its tries went. */
export function webSocketOpener(reachability = new Reachability()): OpenSocket {
  return (url, handlers) => {
    if (!reachability.asksFirst) return openWebSocket(url, handlers, reachability);
    const asking = new AbortController();
    let socket: Socket | null = null;
    const open = async (): Promise<void> => {
      const reached = await reachability.ask(url, asking.signal);
      if (asking.signal.aborted) return;
      if (reached) socket = openWebSocket(url, handlers, reachability);
      else handlers.closed();
    };
    open().catch(() => handlers.closed());
    return {
      send: (text) => socket?.send(text),
      close: () => {
        asking.abort();
        socket?.close();
      },
    };
  };
}

function openWebSocket(url: string, handlers: SocketHandlers, reachability: Reachability): Socket {
  const socket = new WebSocket(url);
  let opened = false;
  socket.addEventListener('open', () => {
    opened = true;
    reachability.opened(url);
  });
  socket.addEventListener('message', (event: MessageEvent<unknown>) => handlers.message(event.data));
  socket.addEventListener(
    'close',
    () => {
      if (!opened) reachability.failed();
      handlers.closed();
    },
    { once: true },
  );
  return {
    send: (text) => socket.send(text),
    close: () => {
      if (!opened) reachability.failed();
      socket.close();
    },
  };
}
