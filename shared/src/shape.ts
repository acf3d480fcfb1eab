/**
 * What a message of a server may be made of. A card carries this instead of a schema library, which is four times as
 * heavy over the network; what it says of a malformed message nobody reads, so it names no place in it.
 */
import { ProtocolError } from './errors.ts';

/** Returns what it knows of a value; throws a ProtocolError where it is another. */
export type Shape<T> = (value: unknown) => T;

const primitive =
  <T>(type: string): Shape<T> =>
  (value) =>
    typeof value === type ? (value as T) : refuse();

export const text = primitive<string>('string');
export const number = primitive<number>('number');
export const flag = primitive<boolean>('boolean');
/** There, whatever it is. */
export const anything: Shape<unknown> = (value) => (value === undefined ? refuse() : value);

export const oneOf =
  <const T extends string>(...known: T[]): Shape<T> =>
  (value) =>
    known.find((one) => one === value) ?? refuse();

export const orNull =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value) =>
    value === null ? null : shape(value);

/** A field that may be missing. */
export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value) =>
    value === undefined ? undefined : shape(value);

export const list =
  <T>(item: Shape<T>): Shape<T[]> =>
  (value) =>
    Array.isArray(value) ? value.map(item) : refuse();

/** By any name. */
export const record =
  <T>(item: Shape<T>): Shape<Record<string, T>> =>
  (value) =>
    Object.fromEntries(
      Object.entries(objectOf(value))
        .filter(([name]) => name !== '__proto__')
        .map(([name, one]) => [name, item(one)]),
    );

/** By these names; others, of a newer server, are dropped. */
export const fields =
  <T extends object>(shapes: { [K in keyof T]-?: Shape<T[K]> }): Shape<T> =>
  (value) => {
    const from = objectOf(value);
    const read: [string, unknown][] = Object.entries<Shape<unknown>>(shapes).map(([name, shape]) => [
      name,
      shape(Object.hasOwn(from, name) ? from[name] : undefined),
    ]);
    return Object.fromEntries(read.filter(([, one]) => one !== undefined)) as T;
  };

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse();
}

function refuse(): never {
  throw new ProtocolError('bad_message', 'The server’s message is malformed.');
}
