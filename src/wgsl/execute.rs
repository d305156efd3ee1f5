//! The loop of the machine: one operation after another, each over all chunks of its registers.

use super::chunk::{Chunk, Words};
use super::operation::Operation::{self, *};
use super::program::{Instruction, NUMBER, Program, Register, WORD};

/// The largest number of operations that all rounds of all loops of a run take together, in each
/// lane: some milliseconds.
pub const MOST_LOOP_OPERATIONS: u32 = 1 << 22;

/// The error of a run in which the loops of a lane take more than [`MOST_LOOP_OPERATIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endless;

/// The registers of a running program, and its code for them.
#[derive(Clone, Debug)]
pub(super) struct Registers<R: Chunk> {
    /// `[registers][chunks]`, then a chunk for each constant.
    pub numbers: Vec<R>,
    pub words: Vec<R::Word>,
    pub chunks: usize,
    /// The sizes of the two files, without their constants.
    registers: [usize; 2],
    code: Vec<Step>,
    tables: Vec<Vec<Row>>,
    /// The lanes that loops wait for, `[chunks]`.
    pub active: Vec<R::Word>,
    /// The operations of all rounds that each lane has taken in this run, `[chunks]`.
    pub loop_operations: Vec<R::Word>,
}

/// The first chunk of a register, and the distance to its next one: a constant has only one.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    first: u32,
    stride: u32,
}

/// An instruction whose registers have become rows of chunks.
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: Operation,
    /// The first chunk of the target.
    target: u32,
    sources: [Row; 3],
    /// The table of a gather, the first instruction of a repeated round, or the first chunk of the
    /// second target of `SineCosine`.
    other: u32,
}

impl<R: Chunk> Registers<R> {
    #[inline(always)]
    pub fn new(program: &Program, chunks: usize) -> Self {
        let mut numbers = vec![R::default(); program.numbers.registers * chunks];
        numbers.extend(program.numbers.constants.iter().map(|&number| R::from_f64(number)));
        let mut words = vec![R::Word::default(); program.words.registers * chunks];
        words.extend(program.words.constants.iter().map(|&word| R::Word::splat(word)));
        let registers = [program.numbers.registers, program.words.registers];
        let files = Files { registers, lengths: [numbers.len(), words.len()], chunks };
        let step = |instruction: &Instruction| files.step(instruction, program);
        let code = program.code.iter().map(step).collect();
        let table = |(table, &file): (&Vec<Register>, &usize)| {
            table.iter().map(|&register| files.row(register, file)).collect()
        };
        let tables = program.tables.iter().zip(&program.table_files).map(table).collect();
        let active = vec![R::Word::splat(u32::MAX); chunks];
        let loop_operations = vec![R::Word::default(); chunks];
        Self { numbers, words, chunks, registers, code, tables, active, loop_operations }
    }

    /// Runs the program once.
    ///
    /// # Errors
    /// Returns an error if the loops of a lane take too many operations. The registers of the lane
    /// then hold NaN and truth. Other lanes have their results.
    #[inline(always)]
    pub fn run(&mut self) -> Result<(), Endless> {
        // The loops over chunks are unrolled for the counts that rollouts use.
        let operations = match self.chunks {
            1 => self.run_chunks::<1>(1),
            4 => self.run_chunks::<4>(4),
            8 => self.run_chunks::<8>(8),
            chunks => self.run_chunks::<0>(chunks),
        };
        if operations <= u64::from(MOST_LOOP_OPERATIONS) {
            return Ok(());
        }
        self.fail_endless_lanes()
    }

    /// Fails the lanes whose loops have taken too many operations.
    #[cold]
    #[inline(never)]
    fn fail_endless_lanes(&mut self) -> Result<(), Endless> {
        let mut result = Ok(());
        for chunk in 0..self.chunks {
            let endless = too_many(self.loop_operations[chunk]);
            if !endless.any() {
                continue;
            }
            result = Err(Endless);
            let (nan, mask) = (R::from_f64(f64::NAN), R::mask(endless));
            let numbers = self.numbers[..self.registers[NUMBER] * self.chunks].iter_mut();
            for number in numbers.skip(chunk).step_by(self.chunks) {
                *number = R::select(mask, nan, *number);
            }
            let words = self.words[..self.registers[WORD] * self.chunks].iter_mut();
            for word in words.skip(chunk).step_by(self.chunks) {
                *word = endless.select(endless, *word);
            }
        }
        result
    }
}

/// The lanes whose loops have taken too many operations.
#[inline(always)]
fn too_many<W: Words>(taken: W) -> W {
    taken.zip(taken, |taken, _| if taken > MOST_LOOP_OPERATIONS { u32::MAX } else { 0 })
}

/// The sizes of the two files of a machine.
struct Files {
    registers: [usize; 2],
    lengths: [usize; 2],
    chunks: usize,
}

impl Files {
    /// The row of a register.
    ///
    /// # Panics
    /// Panics if the file ends before the row does.
    fn row(&self, register: Register, file: usize) -> Row {
        let (register, registers) = (register as usize, self.registers[file]);
        let (first, stride) = match register.checked_sub(registers) {
            None => (register * self.chunks, 1),
            Some(constant) => (registers * self.chunks + constant, 0),
        };
        let last = first + stride * (self.chunks - 1);
        assert!(last < self.lengths[file], "a register is in its file");
        Row { first: first as u32, stride: stride as u32 }
    }

    /// The first chunk of a target.
    ///
    /// # Panics
    /// Panics if the target is a constant.
    fn target(&self, register: Register, file: usize) -> u32 {
        let row = self.row(register, file);
        assert_eq!(row.stride, 1, "a target is no constant");
        row.first
    }

    fn step(&self, instruction: &Instruction, program: &Program) -> Step {
        let Instruction { operation, target, sources } = *instruction;
        let mut rows = [Row::default(); 3];
        for (position, &file) in operation.source_files().iter().enumerate() {
            rows[position] = self.row(sources[position], file);
        }
        let file = if operation.makes_number() { NUMBER } else { WORD };
        let other = match operation {
            SineCosine => self.target(sources[1], NUMBER),
            GatherNumber | GatherWord => {
                assert!((sources[1] as usize) < program.tables.len(), "a table is in the program");
                sources[1]
            }
            _ => sources[1],
        };
        let target = if operation == Repeat { 0 } else { self.target(target, file) };
        Step { operation, target, sources: rows, other }
    }
}

impl<R: Chunk> Registers<R> {
    /// Runs the program once, over `CHUNKS` chunks, or over `chunks` if that is 0. Returns the
    /// number of operations of all rounds, of which no lane takes more.
    #[inline(always)]
    fn run_chunks<const CHUNKS: usize>(&mut self, chunks: usize) -> u64 {
        let chunks = if CHUNKS == 0 { chunks } else { CHUNKS };
        let (numbers, words) = (self.numbers.as_mut_ptr(), self.words.as_mut_ptr());
        let mut all_operations = 0;
        let mut next = 0;
        while let Some(&Step { operation, target, sources, other }) = self.code.get(next) {
            next += 1;
            let to = target as usize;
            let [a, b, c] = sources;
            // SAFETY, of all four: `Files` has checked that every row and every target ends within
            // its file, and the files do not change their length.
            let number = |row: Row, chunk: usize| unsafe {
                *numbers.add(row.first as usize + row.stride as usize * chunk)
            };
            let word = |row: Row, chunk: usize| unsafe {
                *words.add(row.first as usize + row.stride as usize * chunk)
            };
            let put_number = |to: usize, value: R| unsafe { *numbers.add(to) = value };
            let put_word = |to: usize, value: R::Word| unsafe { *words.add(to) = value };

            /// Computes the chunks of a number from number registers.
            macro_rules! numbers_from_numbers {
            (|$($name:ident = $register:ident),*| $value:expr) => {{
                for chunk in 0..chunks {
                    $(let $name = number($register, chunk);)*
                    put_number(to + chunk, $value);
                }
            }};
        }
            /// Computes the chunks of a word from number registers.
            macro_rules! words_from_numbers {
            (|$($name:ident = $register:ident),*| $value:expr) => {{
                for chunk in 0..chunks {
                    $(let $name = number($register, chunk);)*
                    put_word(to + chunk, $value);
                }
            }};
        }
            /// Computes the chunks of a number from word registers.
            macro_rules! numbers_from_words {
            (|$($name:ident = $register:ident),*| $value:expr) => {{
                for chunk in 0..chunks {
                    $(let $name = word($register, chunk);)*
                    put_number(to + chunk, $value);
                }
            }};
        }
            /// Computes the chunks of a word from word registers.
            macro_rules! words_from_words {
            (|$($name:ident = $register:ident),*| $value:expr) => {{
                for chunk in 0..chunks {
                    $(let $name = word($register, chunk);)*
                    put_word(to + chunk, $value);
                }
            }};
        }
            /// Computes the chunks of a word by the definition of the operation.
            macro_rules! by_definition {
            ($operation:ident) => {
                words_from_words!(|x = a, y = b| x.zip(y, |x, y| {
                    $operation.word(x, y).expect("it is an operation on words")
                }))
            };
            ($operation:ident, unary) => {
                words_from_words!(|x = a| x.zip(x, |x, _| {
                    $operation.word(x, 0).expect("it is an operation on words")
                }))
            };
        }

            match operation {
                Add => numbers_from_numbers!(|x = a, y = b| x + y),
                Subtract => numbers_from_numbers!(|x = a, y = b| x - y),
                Multiply => numbers_from_numbers!(|x = a, y = b| x * y),
                Divide => numbers_from_numbers!(|x = a, y = b| x / y),
                Minimum => numbers_from_numbers!(|x = a, y = b| x.min(y)),
                Maximum => numbers_from_numbers!(|x = a, y = b| x.max(y)),
                Negate => numbers_from_numbers!(|x = a| -x),
                Absolute => numbers_from_numbers!(|x = a| x.abs()),
                Floor => numbers_from_numbers!(|x = a| x.floor()),
                SquareRoot => numbers_from_numbers!(|x = a| x.sqrt()),
                Sine => numbers_from_numbers!(|x = a| x.sin()),
                Cosine => numbers_from_numbers!(|x = a| x.cos()),
                Exponential => numbers_from_numbers!(|x = a| x.exp()),
                Logarithm => numbers_from_numbers!(|x = a| x.ln()),
                Tanh => numbers_from_numbers!(|x = a| x.tanh()),
                MultiplyAdd => numbers_from_numbers!(|x = a, y = b, z = c| x.mul_add(y, z)),
                MultiplySubtract => numbers_from_numbers!(|x = a, y = b, z = c| x.mul_add(y, -z)),
                NegateMultiplyAdd => {
                    numbers_from_numbers!(|x = a, y = b, z = c| (-x).mul_add(y, z))
                }
                Less => words_from_numbers!(|x = a, y = b| R::word(x.below(y))),
                AtMost => words_from_numbers!(|x = a, y = b| R::word(y.at_least(x))),
                Equal => words_from_numbers!(|x = a, y = b| {
                    R::word(x.at_least(y) & y.at_least(x))
                }),
                SelectNumber => {
                    for chunk in 0..chunks {
                        let mask = R::mask(word(a, chunk));
                        let (yes, no) = (number(b, chunk), number(c, chunk));
                        put_number(to + chunk, R::select(mask, yes, no));
                    }
                }
                SelectWord => words_from_words!(|mask = a, yes = b, no = c| mask.select(yes, no)),
                AddWords => by_definition!(AddWords),
                SubtractWords => by_definition!(SubtractWords),
                MultiplyWords => by_definition!(MultiplyWords),
                DivideSigned => by_definition!(DivideSigned),
                DivideUnsigned => by_definition!(DivideUnsigned),
                RemainderSigned => by_definition!(RemainderSigned),
                RemainderUnsigned => by_definition!(RemainderUnsigned),
                And => by_definition!(And),
                Or => by_definition!(Or),
                ExclusiveOr => by_definition!(ExclusiveOr),
                Not => by_definition!(Not, unary),
                ShiftLeft => by_definition!(ShiftLeft),
                ShiftRight => by_definition!(ShiftRight),
                ShiftRightSigned => by_definition!(ShiftRightSigned),
                MinimumSigned => by_definition!(MinimumSigned),
                MaximumSigned => by_definition!(MaximumSigned),
                MinimumUnsigned => by_definition!(MinimumUnsigned),
                MaximumUnsigned => by_definition!(MaximumUnsigned),
                EqualWords => by_definition!(EqualWords),
                LessSigned => by_definition!(LessSigned),
                LessUnsigned => by_definition!(LessUnsigned),
                CountOneBits => by_definition!(CountOneBits, unary),
                CountLeadingZeros => by_definition!(CountLeadingZeros, unary),
                CountTrailingZeros => by_definition!(CountTrailingZeros, unary),
                ReverseBits => by_definition!(ReverseBits, unary),
                ToSigned => words_from_numbers!(|x = a| x.to_words(|x| x as i32 as u32)),
                ToUnsigned => words_from_numbers!(|x = a| x.to_words(|x| x as u32)),
                FromSigned => numbers_from_words!(|x = a| R::of_words(x, |x| f64::from(x as i32))),
                FromUnsigned => numbers_from_words!(|x = a| R::of_words(x, f64::from)),
                ToBits => words_from_numbers!(|x = a| x.bits()),
                FromBits => numbers_from_words!(|x = a| R::from_bits(x)),
                CopyNumber => numbers_from_numbers!(|x = a| x),
                CopyWord => words_from_words!(|x = a| x),
                GatherNumber => {
                    let table = &self.tables[other as usize];
                    for chunk in 0..chunks {
                        let chosen = R::gathered(word(a, chunk), |index| {
                            number(table[index as usize], chunk)
                        });
                        put_number(to + chunk, chosen);
                    }
                }
                GatherWord => {
                    let table = &self.tables[other as usize];
                    for chunk in 0..chunks {
                        let chosen =
                            word(a, chunk).gathered(|index| word(table[index as usize], chunk));
                        put_word(to + chunk, chosen);
                    }
                }
                SineCosine => {
                    for chunk in 0..chunks {
                        let (sine, cosine) = number(a, chunk).sine_cosine();
                        put_number(to + chunk, sine);
                        put_number(other as usize + chunk, cosine);
                    }
                }
                Repeat => {
                    if all_operations == 0 {
                        self.loop_operations.fill(R::Word::default());
                    }
                    let body = (next - other as usize) as u32;
                    all_operations += u64::from(body);
                    let is_late = all_operations > u64::from(MOST_LOOP_OPERATIONS);
                    let mut goes_on = false;
                    for chunk in 0..chunks {
                        let alive = word(a, chunk).zip(self.active[chunk], |x, y| x & y);
                        let taken = &mut self.loop_operations[chunk];
                        // A lane that is alive has all bits set.
                        *taken = taken.zip(alive, |taken, alive| taken + (body & alive));
                        // A lane that took too many keeps no other waiting.
                        goes_on |= match is_late {
                            true => too_many(*taken).zip(alive, |many, alive| alive & !many).any(),
                            false => alive.any(),
                        };
                    }
                    if goes_on {
                        next = other as usize;
                    }
                }
            }
        }
        all_operations
    }
}
