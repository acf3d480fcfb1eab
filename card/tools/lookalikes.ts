/**
 * Home Assistant's tile card and Mushroom's card as they look with their default values (sizes, colours and radius as in
 * their sources; drawn anew here), to hold our tile beside them.
 */
import { html, type TemplateResult } from 'lit';

const bulb = html`<svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor" aria-hidden="true">
  <path d="M12 2a7 7 0 0 0-4 12.7V17h8v-2.3A7 7 0 0 0 12 2zM9 19h6v1a2 2 0 0 1-2 2h-2a2 2 0 0 1-2-2z" />
</svg>`;

export const haTile = (name: string, state: string): TemplateResult =>
  html`<div class="ha-tile">
    <span class="shape">${bulb}</span>
    <span class="info"><b>${name}</b><span>${state}</span></span>
  </div>`;

export const mushroomCard = (name: string, state: string): TemplateResult =>
  html`<div class="ha-tile mushroom">
    <span class="shape">${bulb}</span>
    <span class="info"><b>${name}</b><span>${state}</span></span>
  </div>`;
