/**
 * What customers of a bank write, by topic. `{amount}` is a slot of message-slots.ts, `[my|the]` a choice on the spot.
 * A template begins with a capital letter and ends with punctuation, so that no two manners give the same text.
 */
export const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  'card arrival': [
    '[My|The] [replacement|new] card was posted {wait} ago and has not reached {city}.',
    '[Do you know|Could you check|Can you see] where the card you sent to {city} {day} is?',
    '[No|Still no] sign of my card in {city}.',
  ],
  'card delivery time': [
    '[How many days|How long] does a card take to get to {country} [by post|by courier|from you]?',
  ],
  'card activation': [
    '[The app refuses to|I am unable to|How do I] activate the card that got to {city} {day}.',
  ],
  'lost card': [
    '[I think I left|I must have dropped|I forgot] my card [at|near] {merchant} in {city}.',
    'My [wallet|bag|purse] was stolen in {city} {day}, [stop|block|freeze] the card in it.',
  ],
  'lost phone': ['{device} [was stolen|disappeared] {day}, can [anyone|somebody] get at my money?'],
  'card swallowed': ['The [cash machine|ATM] in {city} [kept|swallowed] my card {day}.'],
  'card expiry': ['My card runs out in {month}, [will a new one come to|do I order the next one to] {city}?'],
  'card not working': [
    '[The chip|The stripe|Contactless] on my card does not work at {merchant} in {city}.',
    'My card [was refused|got declined|did not go through] at {merchant} {day}.',
    'Card [refused|declined] at {merchant}, why?',
  ],
  'virtual card': [
    'Can I [pay|use a virtual card] at {merchant} [before|even if] the plastic one reaches {city}?',
  ],
  'disposable card': ['[How often|How many times] may I use a disposable card at {merchant} in {month}?'],
  'spare card': ['[I want|I would like|Can I get] a second card for {person} in {city}, what does it cost?'],
  'unknown payment': [
    'There is a payment of {amount} to {merchant} that [I never made|is not mine|I know nothing about].',
    'Who took {amount} from my account {day}? [I was asleep|I did not buy anything|It was not me].',
  ],
  'charged twice': [
    '{merchant} [took|charged] {amount} [twice|two times] {day}.',
    'Why [do I see|are there] two lines of {amount} for {merchant}?',
  ],
  'pending payment': ['The {amount} I paid at {merchant} {day} [is still pending|has not cleared].'],
  refund: [
    '{merchant} [agreed to refund|says it sent back] {amount} {day}, where is it?',
    'I want {amount} back from {merchant}, [the thing broke|nothing was delivered|I cancelled], what now?',
    '[When is|Where is] the refund from {merchant}?',
  ],
  'payment fee': ['Why was I charged a fee [for paying|on a payment of] {amount} at {merchant}?'],
  'top-up failed': [
    'My top-up of {amount} [did not work|failed|bounced] {day}.',
    '[I added|I loaded] {amount} {day} [but|and] the balance [is the same|has not moved].',
  ],
  'top-up pending': ['A top-up of {amount} from {person} has been pending for {wait}.'],
  'top-up limit': ['Is {amount} [too much|over the limit|allowed] for one top-up in {month}?'],
  'top-up by transfer': [
    '[Does it cost|Is there a charge] to top up {amount} [by bank transfer|by card] from {country}?',
  ],
  'automatic top-up': [
    '[Add|Put] {amount} on [automatically|by itself] when I [go below|have less than] {small}.',
  ],
  'exchange rate': [
    '[What rate do I get|Which rate applies] if I change {amount} into {currency} {soon}?',
    'You gave me a [bad|poor|wrong] rate on {currency} in {city} {day}.',
    '[Can I still buy|I need to buy] {currency} {soon}?',
  ],
  'exchange in the app': ['[How can I|Where do I] swap {amount} for {currency} in the app?'],
  'supported currency': [
    '[Can I hold|Do you take|May I keep] {currency} [if I live in|while I work in] {country}?',
  ],
  'pending transfer': [
    'I sent {amount} to {person} {day} and it [still says pending|is still on its way].',
    '[How long|How many days] [will|can] a transfer of {amount} to {country} take?',
  ],
  'failed transfer': [
    '[Sending|Moving] {amount} to {person} [failed|gave an error] {day}.',
    '[Twice now|Three times now] my transfer of {amount} to {country} was sent back with no reason given, although {person} checked the account number {day}.',
  ],
  'cancel transfer': [
    '[Stop|Cancel|Call back] the {amount} I sent to {person} {day}, [wrong account|I mistyped it].',
  ],
  'transfer fee': ['I [paid|lost] {small} on a transfer of {amount} to {country}, why?'],
  'incoming transfer': ['{person} sent me {amount} {day} and I cannot see it.'],
  'direct debit': [
    'A direct debit of {amount} for {bill} [went out|was taken] {day}, I [never set it up|ended it].',
    '[Can I move|How do I move] the direct debit for {bill} from {amount} to {small}?',
  ],
  'standing order': ['[Set up|I need] a standing order of {amount} to {person} for {bill}.'],
  PIN: [
    '[I got|I typed] my PIN wrong at {merchant} in {city} and now it is blocked.',
    'Can I choose a new PIN at a cash machine in {city} [or only in the app|without the old one]?',
    'PIN [blocked|forgotten] in {city}, help!',
  ],
  passcode: ['[I forgot|I no longer know] the passcode of the app on {device} {day}.'],
  'identity verification': [
    'My {document} was [refused|turned down] {day}, [what else can I send|why is that]?',
    'Do you [accept|take] a {document} from {country} to prove who I am?',
    'The app [keeps asking for|wants] my {document} again although you approved it {day}, and {amount} is stuck until then.',
  ],
  'source of funds': ['Why do you ask [where|how] I got the {amount} from {person}?'],
  'personal details': [
    'I moved from {city} to {country} {day}, [where do I change|please change] my address.',
  ],
  'Apple Pay': [
    'Apple Pay on {device} [does not work|says no] at {merchant}.',
    '[Google Pay|Apple Pay] will not [add|accept] my card on {device} since {month}.',
  ],
  'cash withdrawal': [
    '[I asked for|I wanted] {amount} at a machine in {city} and [only got|it gave me] {small}.',
    'A cash withdrawal of {amount} in {city} shows up but [I was not there|it was not me].',
    'Why does it cost {small} to take out {amount} in {country}?',
  ],
  'cash deposit': ['I paid in {amount} [in cash|by cheque] in {city} {day} and it is not in my balance.'],
  'age limit': ['[May|Can] {person} [open an account|get a card] in {country} at the age of {age}?'],
  'closing an account': ['[Close|I want to close] my account in {month} and send the {amount} to {person}.'],
};
