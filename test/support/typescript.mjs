// For `node --import`: lets a child process of a test run the TypeScript sources as they are, unbuilt.
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
