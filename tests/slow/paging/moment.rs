//! One course of events, visited at a moment of it.

use crate::support::process::Process;
use crate::support::{Exporter, Home, account, free_address};
use smartassist_exporter::simulator::Contract;
use std::net::SocketAddr;
use std::process::Command;

/// When most of the staff walks out: minutes after midnight on the centre's wall, and after the centre opened.
const WALKOUT_ON_THE_WALL: i64 = 10 * 60 + 50;
const WALKOUT_AFTER_OPENING: i64 = 150;

/// A centre that has lived until then, and an exporter that reads it.
pub struct Moment {
    centre: Process,
    home: Home,
    reader: Exporter,
}

/// An exporter that is scraped, and its centre.
pub struct Standing {
    pub exporter: Exporter,
    home: Home,
    _centre: Process,
}

impl Moment {
    /// So many minutes after the staff walked out for 20 minutes; before it, if negative. The same seed and the same clock on
    /// the wall make it the same day each time.
    pub fn open(minutes: i64) -> Moment {
        let (address, wall) = (free_address(), WALKOUT_ON_THE_WALL + minutes);
        let mut simulate = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
        simulate
            .arg("simulate")
            .args(["--rate=1500", "--requests-per-minute=100000"])
            .arg(format!("--history={}m", WALKOUT_AFTER_OPENING + minutes))
            .arg(format!("--local-time={:02}:{:02}", wall / 60, wall % 60))
            .args(["--scenario=abandonment-spike", "--scenario-duration=20m"])
            .arg(format!("--scenario-start={}m", -minutes))
            .arg(format!("--web.listen-address={address}"));
        let centre = Process::start(&mut simulate);
        let home = Home::new(&config(address));
        let reader = home.serve();
        Moment {
            centre,
            home,
            reader,
        }
    }

    /// Where its exporter is, once all is read.
    pub fn stand(self) -> Standing {
        self.reader.wait_for("the centre is read", 120, |page| {
            page.sum("smartassist_exporter_catching_up", &[]) == 0.0
                && page.sum("smartassist_recent_offered", &[("window", "15m")]) > 0.0
        });
        Standing {
            exporter: self.reader,
            home: self.home,
            _centre: self.centre,
        }
    }

    /// An exporter takes the other's place, within a moment: it starts on what was read before.
    pub fn take_over(self, from: Standing) -> Standing {
        let here = self.stand();
        assert_eq!(here.exporter.signal("TERM"), Some(0));
        let address = from.exporter.address;
        drop(from);
        Standing {
            exporter: here.home.serve_with(address, &[]),
            ..here
        }
    }
}

/// Everything as it is by default, but how often and how much is read.
fn config(centre: SocketAddr) -> String {
    let url = format!("http://{centre}");
    let keys = "requests_per_minute: 6000, ";
    let account = account("acme", &url, &Contract::default(), keys);
    format!("{account}poll: {{interval: 1s, initial_lookback: 2h, max_lookback: 1d}}\n")
}
