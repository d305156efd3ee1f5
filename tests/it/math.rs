//! Arithmetic: functions, lanes and instruction sets, each by its stem.

mod instructions;
mod lanes;
mod single;
