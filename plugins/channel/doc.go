// Package channel is what the author of a channel plugin imports. A channel
// performs actions: it sends a mail, calls a hook, writes to a CRM. It decides
// nothing: whom to reach, when and whether is settled before it is asked.
//
// A plugin is a program whose main calls Serve with something that implements
// Channel:
//
//	func main() { channel.Serve(&sms{}) }
//
// The host starts it, gives it its configuration, hands it actions and restarts
// it when it dies. Three rules make a good channel:
//
//  1. Business outcomes are values, not errors. Done: the service accepted it.
//     Retry: it did not, for certain, and may later. Refused: it never will.
//     Unknown, or an error: it may have happened.
//  2. A Request's Key names the action for ever. The same key may come twice;
//     pass it on to a service that honours such keys, and say so in
//     Description.Keyed.
//  3. A channel whose service honours no keys calls Request.Commit right before
//     the point of no return and declares Description.Commits. Then a crash
//     before that point is known not to have done anything.
//
// Log with log/slog: what is written reaches the host's log under the plugin's
// name. Never log what a Request's parts hold: it is personal data.
//
// The names here are stable. What is added has a zero value that means "as
// before".
package channel
