import { expect, it } from 'vitest';
import { notesOf } from '../../../tools/release-notes.mjs';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- Soon.\n\n## 1.2.3\n\n- One.\n- Two.\n\n## 1.2\n\n- Old.\n';

it('finds the part of one version', () => {
  expect(notesOf(CHANGELOG, '1.2.3')).toBe('- One.\n- Two.');
  expect(notesOf(CHANGELOG, '1.2')).toBe('- Old.');
});

it('refuses a version that nothing is said about', () => {
  expect(() => notesOf(CHANGELOG, '1.2.4')).toThrow('CHANGELOG.md says nothing about 1.2.4.');
  expect(() => notesOf('## 1.0.0\n\n## 0.9.0\n\n- Old.', '1.0.0')).toThrow('nothing');
});
