//! The vendor's words: pages, records, requests, times, exactly as sent. Nothing here interprets.
