import type { Requests, RequestType } from '@voice-streaming/shared/protocol';
import type { Requester } from '../../src/transport.ts';

export interface FakeRequest {
  type: RequestType;
  args: unknown;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** Answers what `answers` has, and keeps the rest open for the test to answer. */
export class FakeRequester implements Requester {
  readonly requests: FakeRequest[] = [];
  readonly answers: Partial<Record<RequestType, unknown>> = {};

  request<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']> {
    return new Promise((resolve, reject) => {
      this.requests.push({ type, args, resolve: resolve as (result: unknown) => void, reject });
      if (type in this.answers) resolve(this.answers[type] as Requests[T]['result']);
    });
  }

  get types(): RequestType[] {
    return this.requests.map(({ type }) => type);
  }

  last(type: RequestType): FakeRequest {
    return this.requests.findLast((request) => request.type === type)!;
  }
}
