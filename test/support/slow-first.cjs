const { default: Sequencer } = require('@jest/test-sequencer');

/** The slow files first, so that no worker is left with one at the end; jest itself knows only how long they took before. */
module.exports = class extends Sequencer {
  sort(tests) {
    const isSlow = ({ context }) => context.config.displayName?.name === 'integration';
    const sorted = super.sort(tests);
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
};
