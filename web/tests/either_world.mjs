// The same tests for both engines: behind `godwit web`, or, with GODWIT_ENGINE=browser, in the browsers of people who have nothing else.

import { BrowserWorld } from './browser_person.mjs';
import * as native from './world.mjs';

export const inBrowser = process.env.GODWIT_ENGINE === 'browser';
export const World = inBrowser ? BrowserWorld : native.World;
export { until } from './world.mjs';
