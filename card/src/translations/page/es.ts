/** Spanish: the page. */
import type { PageWords } from '../../page-texts.ts';

const es: PageWords = {
  name: 'Este dispositivo se llama',
  urls: 'Reproducir en un altavoz',
  'urls.hint': 'Todo lo que reproduce una URL puede escuchar. Quien tiene la URL oye: trátala como una llave.',
  'urls.latest': 'Quien hable',
  'urls.forbidden': 'Solo los administradores ven las URL para altavoces.',
  'urls.more': 'Un solo dispositivo',
  copy: 'Copiar',
  'copy.label': 'Copiar la URL {format} de {name}',
  token: 'Token de acceso',
  'token.hint': 'Está en secrets.json, en la carpeta de datos del servidor; él mismo dice al arrancar dónde es.',
  'token.submit': 'Entrar',
  version: 'Voice Streaming {version}',
};

export default es;
