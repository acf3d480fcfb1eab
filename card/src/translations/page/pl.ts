/** Polish: the page. */
import type { PageWords } from '../../page-texts.ts';

const pl: PageWords = {
  name: 'To urządzenie nazywa się',
  urls: 'Odtwarzanie na głośniku',
  'urls.hint': 'Słuchać może wszystko, co odtwarza adres URL. Kto ma URL, ten słyszy: traktuj go jak klucz.',
  'urls.latest': 'Kto mówi',
  'urls.forbidden': 'Adresy URL głośników widzą tylko administratorzy.',
  'urls.more': 'Tylko jedno urządzenie',
  copy: 'Kopiuj',
  'copy.label': 'Kopiuj URL {format}: {name}',
  token: 'Token dostępu',
  'token.hint': 'Jest w secrets.json w katalogu danych serwera; serwer podaje przy starcie, gdzie to jest.',
  'token.submit': 'Dalej',
  version: 'Voice Streaming {version}',
};

export default pl;
