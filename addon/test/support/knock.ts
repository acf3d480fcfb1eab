/** One HTTP request with any method and headers from any address of loopback, and its whole answer, if it ends. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Knock {
  port: number;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  /** From which of this machine's addresses. Default 127.0.0.1. */
  from?: string;
  tls?: boolean;
  body?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Empty when it is sound, which is not waited for. */
  body: string;
}

/** Rejects when the connection closes without an answer. */
export function knock({ port, path, method = 'GET', headers = {}, from, tls = false, body }: Knock): Promise<Answer> {
  const options = {
    host: '127.0.0.1',
    port,
    path,
    method,
    headers,
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
    ...(tls ? { rejectUnauthorized: false } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (tls ? httpsRequest : httpRequest)(options, (response) => {
      const answer = { status: response.statusCode ?? 0, headers: response.headers };
      if (response.headers['content-type']?.startsWith('audio/') && method !== 'HEAD') {
        resolve({ ...answer, body: '' });
        request.destroy();
        return;
      }
      let text = '';
      response.setEncoding('utf8').on('data', (data: string) => (text += data));
      response.on('end', () => resolve({ ...answer, body: text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
