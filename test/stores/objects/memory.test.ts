import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { describeObjectStore } from '../../contract/object-store.ts';

describeObjectStore('in memory', async () => ({
  store: memoryObjects(['one', 'two']),
  ...{ bucket: 'one', other: 'two', missing: 'three' },
}));
