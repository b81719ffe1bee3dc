/**
 * The record browser: a page to look at the data sets of a service. It asks the service that it comes from and nobody else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Api } from './api.js';
import { App } from './app.js';
import { askKey } from './key-prompt.js';
import { applyTheme } from './theme.js';

applyTheme();
void new App(new Api(new URL('./', document.baseURI), askKey)).start();
