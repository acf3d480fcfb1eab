import { expect, it } from 'vitest';
import { UserRights, type UserLists } from '../../../src/http/user-rights.ts';

function rightsOf(lists: Partial<UserLists>, names: readonly string[], isAdmin = false): Record<string, boolean> {
  const all = { talkUsers: undefined, listenUsers: undefined, streamListeners: new Map<string, string[]>(), ...lists };
  const rights = new UserRights(all).of(names, isAdmin);
  return {
    talk: rights.mayTalk,
    listen: rights.mayListen,
    nursery: rights.mayHear('nursery'),
    hall: rights.mayHear('hall'),
    named: rights.isNamedFor('nursery'),
  };
}

const nursery = { streamListeners: new Map([['nursery', ['Ada', '1f00']]]) };

it('without lists everybody may all', () => {
  expect(rightsOf({}, [])).toEqual({ talk: true, listen: true, nursery: true, hall: true, named: false });
});

it.each([
  ['the id', ['0a1b', 'ada', 'Ada L.'], '0A1B'],
  ['the login', ['0a1b', 'ada', 'Ada L.'], 'Ada'],
  ['the name people see', ['0a1b', 'ada', 'Ada L.'], ' ada l. '],
  ['a name in other letters of the same look', ['0a1b', 'andre\u0301'], 'Andr\u00e9'],
])('a list names a user by %s', (_, names, listed) => {
  expect(rightsOf({ talkUsers: [listed] }, names)['talk']).toBe(true);
});

it('whoever is on no list may not, and whoever has no name is on none', () => {
  const lists = { talkUsers: ['Bob'], listenUsers: ['Bob'] };
  expect(rightsOf(lists, ['Ada'])).toEqual({ talk: false, listen: false, nursery: false, hall: false, named: false });
  expect(rightsOf(lists, [])).toMatchObject({ talk: false, listen: false });
  expect(rightsOf({ talkUsers: [''] }, [])).toMatchObject({ talk: false });
});

it('a stream of some is heard by those alone; the rest of the house by all', () => {
  expect(rightsOf(nursery, ['ada'])).toEqual({ talk: true, listen: true, nursery: true, hall: true, named: true });
  expect(rightsOf(nursery, ['1f00'])).toMatchObject({ nursery: true, named: true });
  expect(rightsOf(nursery, ['Bob'])).toEqual({ talk: true, listen: true, nursery: false, hall: true, named: false });
});

it('who may not listen at all may not be listed for one stream', () => {
  const lists = { ...nursery, listenUsers: ['Bob'] };
  expect(rightsOf(lists, ['Ada'])).toMatchObject({ listen: false, nursery: false, named: false });
});

it('administrators may all', () => {
  const lists = { ...nursery, talkUsers: ['Bob'], listenUsers: ['Bob'] };
  expect(rightsOf(lists, [], true)).toEqual({ talk: true, listen: true, nursery: true, hall: true, named: true });
});
