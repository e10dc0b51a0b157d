// A made-up support ticket for the first visit. Nobody in it exists.
export const example = {
  title: "Ticket 48213: parcel marked delivered, wrong street",
  text: `Customer Margarethe Lindqvist wrote on 14 March 2026 that order 7731 shows as delivered. She lives at Tolstraat 118, 1074 VK Amsterdam; the courier’s photo shows number 181. She can be reached on +31 20 794 0800 after five, or at m.lindqvist@posteo.example.

I called back the same afternoon. Daniel Okafor from the depot confirmed the scan was made at the wrong door and opened a trace. His direct line is 020 794 0810.

Refund, if the parcel is not found by 21 March: to NL91 ABNA 0417 1643 00, in her name. Please do not mail the photo to the customer: it shows the name plate of the Haddad family. Margarethe Lindqvist has asked that all letters go to her office, care of Ruben Smit.

2026-03-14 16:02:11 trace.open order=7731 by=d.okafor@depot.example
2026-03-14 16:02:12 webhook.post https://hooks.depot.example/t/7731?c=9f2
2026-03-14 16:02:12 auth Bearer dp_live_8Qm2vR7xT0bK4nWz
2026-03-14 16:02:13 status 202 next=2026-03-21

Next step is with Daniel Okafor. I will look again on Monday.
`,
};
