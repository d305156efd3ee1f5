//! Arithmetic: functions, lanes and instruction sets, each by its stem.

mod instruction_set;
mod lanes;
mod single;
