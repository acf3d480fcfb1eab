/** The page and the card's JavaScript: public files without secrets, under a policy that lets nothing else run. */
import express, { Router } from 'express';
import helmet from 'helmet';
import { onlyMethods, sendPlain } from './plain.ts';

/**
 * helmet knows the headers and their defaults. Off: what demands https, as plain http is usual at home. `connect-src`
 * and `media-src` name schemes, as a card may be pointed at another host, and Safari's 'self' has no ws:.
 */
export const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'base-uri': ["'none'"],
      'connect-src': ["'self'", 'ws:', 'wss:'],
      'font-src': ["'self'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'media-src': ["'self'", 'http:', 'https:', 'blob:', 'mediastream:'],
      'object-src': ["'none'"],
      'script-src': ["'self'"],
      // Lit styles its shadow roots with constructed sheets, which no policy concerns.
      'style-src': ["'self'"],
    },
  },
  // Browsers complain of it on plain http, and the page opens no windows.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xXssProtection: false,
});

const MODULES = ['/voice-streaming-card.js', '/pages.js', '/editor.js', '/translations/:language'];

export function createPage(directory: string): Router {
  const router = Router();
  // Before the files, which leave other methods to the 404.
  router.all(['/', ...MODULES], onlyMethods('GET', 'HEAD'));
  router.use(MODULES, (_request, response, next) => {
    // A dashboard of Home Assistant may load these from here as modules, which is a CORS request.
    response.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
    next();
  });
  router.use(
    express.static(directory, {
      index: 'index.html',
      redirect: false,
      dotfiles: 'ignore',
      setHeaders: (response) => {
        response.setHeader('Cache-Control', 'no-cache');
        response.setHeader('Permissions-Policy', 'microphone=(self)');
      },
    }),
  );
  router.all('/', (_request, response) => sendPlain(response, 404, 'The page is not built: run "npm run bundle".'));
  return router;
}
