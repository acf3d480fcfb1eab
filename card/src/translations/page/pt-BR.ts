/** Brazilian Portuguese: the page. */
import type { PageWords } from '../../page-texts.ts';

const ptBR: PageWords = {
  name: 'Este aparelho se chama',
  urls: 'Tocar em um alto-falante',
  'urls.hint': 'Tudo que toca uma URL pode ouvir. Quem tem a URL ouve: trate-a como uma chave.',
  'urls.latest': 'Quem falar',
  'urls.forbidden': 'Só administradores veem as URLs para alto-falantes.',
  'urls.more': 'Um só aparelho',
  copy: 'Copiar',
  'copy.label': 'Copiar a URL {format} de {name}',
  token: 'Token de acesso',
  'token.hint': 'Está em secrets.json, na pasta de dados do servidor; ele diz ao iniciar onde fica.',
  'token.submit': 'Entrar',
  version: 'Voice Streaming {version}',
};

export default ptBR;
