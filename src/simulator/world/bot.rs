//! Arrivals, and what the bot makes of them.

use super::super::centre::{self, BUSIEST, Channel, OCCASIONS, Occasion, QUEUES};
use super::super::conversation::Ending;
use super::{Event, World};

/// What becomes of a conversation with the bot.
#[derive(Debug, Clone, Copy)]
enum BotTurn {
    Contained,
    Dropped,
    Closed,
    LeftBeforeQueue,
    ToQueue,
}

/// Those who ask for an agent, and those who hang up in the moment of handing over, sum up to what the staff is planned for.
const BOT_TURNS: [(BotTurn, f64); 5] = [
    (BotTurn::Contained, 0.466),
    (BotTurn::Dropped, 0.022),
    (BotTurn::Closed, 0.004),
    (BotTurn::LeftBeforeQueue, 0.008),
    (BotTurn::ToQueue, centre::BOT_TRANSFERS),
];

impl World {
    /// Candidates come at the rate of the busiest hour; each is let in with the probability of its own hour.
    pub(super) fn arrival(&mut self) {
        let busyness = centre::busyness(self.now_ms, self.plan.local_offset_minutes);
        if self.dice.chance(busyness / BUSIEST) {
            match self.dice.pick(Occasion::Mail, &OCCASIONS) {
                Occasion::Bot(channel) => self.meet_bot(channel),
                Occasion::Mail => self.receive_mail(),
                Occasion::AgentCalls => self.call_out(),
                Occasion::Campaign => self.campaign_call(),
            }
        }
        let next_ms = self.now_ms
            + self
                .dice
                .exponential_ms(3600.0 / (self.plan.rate_per_hour * BUSIEST));
        self.schedule(next_ms, Event::Arrival);
    }

    /// The queue a customer asks for.
    pub(super) fn wanted_queue(&mut self) -> usize {
        let shares: [(usize, f64); QUEUES.len()] =
            std::array::from_fn(|place| (place, QUEUES[place].share));
        self.dice.pick(0, &shares)
    }

    fn meet_bot(&mut self, channel: Channel) {
        let number = self.begin(channel, false);
        let median_s = if channel == Channel::Voice {
            32.0
        } else {
            48.0
        };
        let bot_done_ms = self.now_ms + self.dice.lognormal_ms(median_s, 0.7);
        match self.dice.pick(BotTurn::Contained, &BOT_TURNS) {
            BotTurn::Contained => self.finish(number, bot_done_ms, Ending::Contained),
            BotTurn::Dropped => self.finish(number, bot_done_ms, Ending::BotDropped),
            BotTurn::Closed => self.finish(number, bot_done_ms, Ending::BotClosed),
            BotTurn::LeftBeforeQueue => {
                let left_ms = bot_done_ms + self.dice.between_ms(1.0, 20.0);
                self.conversation(number).handover_ms = Some(bot_done_ms);
                self.finish(number, left_ms, Ending::LeftBeforeQueue);
            }
            BotTurn::ToQueue => {
                let queue = self.wanted_queue();
                self.schedule(bot_done_ms, Event::BotTransfers { number, queue });
            }
        }
    }

    fn receive_mail(&mut self) {
        let number = self.begin(Channel::Mail, false);
        let queue = self.wanted_queue();
        self.enter_queue(number, queue);
    }

    fn campaign_call(&mut self) {
        let number = self.begin(Channel::Campaign, true);
        let over_ms = self.now_ms + self.dice.lognormal_ms(25.0, 0.6);
        let how = if self.dice.chance(0.8) {
            Ending::Contained
        } else {
            Ending::BotDropped
        };
        self.finish(number, over_ms, how);
    }
}
