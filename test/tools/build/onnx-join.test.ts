import { joinModels } from '../../../src/tools/build/onnx-join.ts';
import { textModel } from '../../support/onnx.ts';

describe('joinModels', () => {
  it('takes no message that is cut short for a shorter one', () => {
    const model = textModel();
    expect(() => joinModels([model, model.subarray(0, -1)])).toThrow(RangeError);
  });

  it('does not join graphs that use a name twice', () => {
    expect(joinModels([textModel(), textModel()])).toBeUndefined();
  });
});
