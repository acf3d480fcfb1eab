/** What is in `pages.js`: the pages that are fetched when they are opened. */
import { openDetails } from './details/opened-details.ts';
import { openDevices } from './devices/opened-devices.ts';
import type { PagesModule } from './fetched-page.ts';

const pages: PagesModule = { details: openDetails, devices: openDevices };
export const { details, devices } = pages;
