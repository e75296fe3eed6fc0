//! Counters and histograms, rendered as Prometheus text. Takes strings: knows nobody.
