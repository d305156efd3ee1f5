//! Tests of arithmetic: functions, lanes and instruction sets.

mod instruction_set;
mod lanes;
mod single;
