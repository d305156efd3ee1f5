//! Tests of arithmetic: functions, lanes and instruction sets.

mod eigen;
mod instruction_set;
mod lanes;
mod matrix;
mod single;
