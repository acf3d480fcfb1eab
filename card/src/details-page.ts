/** The page "Details": what is true of the connection. Null: there is none yet, and no row that leads to it. */
import type { TemplateResult } from 'lit';
import type { CardConfig } from './config.ts';
import type { Session } from './session.ts';
import type { Trouble } from './trouble.ts';

export interface DetailsPageModel {
  config: CardConfig;
  /** Null in a preview and while the server is not known. */
  session: Session | null;
  trouble: Trouble | null;
}

export const detailsPage: ((model: DetailsPageModel) => TemplateResult) | null = null;
