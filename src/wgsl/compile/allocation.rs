//! Registers: every value gets one for as long as it is needed, from the first node to the last.

use std::collections::{BTreeMap, HashMap};

use super::fusion::sine_partners;
use super::liveness::last_uses;
use crate::wgsl::builder::{Builder, Node, Value};
use crate::wgsl::operation::Operation::{self, *};
use crate::wgsl::program::{File, Home, Instruction, NUMBER, Program, Register, WORD};

/// The allocation of registers, from the first node to the last.
pub struct Allocation<'b> {
    builder: &'b Builder,
    /// The last position that reads each node, or 0.
    last: Vec<usize>,
    /// The register of each node that has one.
    registers: Vec<Option<Register>>,
    /// The nodes whose registers become free after each position.
    ends: Vec<Vec<u32>>,
    /// The position at which each register of a home becomes free, per file.
    homes: [Vec<usize>; 2],
    /// The register of the home of each node that is an output.
    wanted: Vec<Option<Register>>,
    free: [Vec<Register>; 2],
    count: [Register; 2],
    numbers: Vec<f64>,
    words: Vec<u32>,
    /// The number of each constant, by its bits.
    known_numbers: HashMap<u64, u32>,
    known_words: HashMap<u32, u32>,
    /// The number in the program of each table that is used.
    tables: HashMap<usize, u32>,
    /// The cosine of a sine of the same angle, and the other way round.
    partners: Vec<Option<u32>>,
    program: Program,
    /// The first instruction of each open loop.
    loops: Vec<usize>,
    /// The registers that are homes of outputs, in the order of the outputs.
    outputs: Vec<Register>,
}

/// Marks a register number as that of a constant, until the number of registers is known.
const CONSTANT: Register = 1 << 31;

impl<'b> Allocation<'b> {
    pub fn new(
        builder: &'b Builder,
        live: &[u32],
        inputs: usize,
        outputs: &[(Value, Home)],
    ) -> Self {
        let nodes = &builder.nodes;
        let end = live.len();
        let (last, partners) = (last_uses(builder, live, outputs), sine_partners(nodes, live));
        let file = |value: Value| if builder.is_number(value) { NUMBER } else { WORD };
        let mut allocation = Self {
            builder,
            registers: vec![None; nodes.len()],
            ends: vec![Vec::new(); end + 1],
            homes: [Vec::new(), Vec::new()],
            wanted: vec![None; nodes.len()],
            free: [Vec::new(), Vec::new()],
            count: [0, 0],
            numbers: Vec::new(),
            words: Vec::new(),
            known_numbers: HashMap::new(),
            known_words: HashMap::new(),
            tables: HashMap::new(),
            partners,
            program: Program::default(),
            loops: Vec::new(),
            outputs: Vec::new(),
            last,
        };
        for input in 0..inputs {
            let file = file(Value::Node(input as u32));
            let register = allocation.count[file];
            allocation.count[file] += 1;
            allocation.registers[input] = Some(register);
            allocation.program.inputs.push(register);
            allocation.homes[file].push(allocation.last[input]);
        }
        for &(value, home) in outputs {
            let file = file(value);
            let register = match home {
                Home::Input(input) => allocation.program.inputs[input],
                Home::Output => {
                    allocation.count[file] += 1;
                    allocation.homes[file].push(0);
                    allocation.count[file] - 1
                }
            };
            allocation.outputs.push(register);
            if let Value::Node(node) = value
                && node as usize >= inputs
            {
                allocation.wanted[node as usize].get_or_insert(register);
            }
        }
        allocation
    }

    /// Allocates and emits a node.
    pub fn place(&mut self, at: u32, position: usize) {
        let node = self.builder.nodes[at as usize].clone();
        let mut sources = [0; 3];
        let operation = match node {
            Node::Input { .. } => return,
            Node::Compute(operation, values) => {
                if self.registers[at as usize].is_some() {
                    // The second of a pair came with the first.
                    self.release(position);
                    return;
                }
                for position in 0..operation.source_files().len() {
                    sources[position] = self.register_of(values[position]);
                }
                operation
            }
            Node::Gather { is_number, table, index } => {
                sources = [self.register_of(index), self.table(table, is_number), 0];
                if is_number { GatherNumber } else { GatherWord }
            }
            Node::Variable { is_number, first } => {
                sources[0] = self.register_of(first);
                if is_number { CopyNumber } else { CopyWord }
            }
            Node::Assign { variable, value } => {
                let target = self.register_of(Value::Node(variable));
                let copy = self.copy(value);
                let source = self.register_of(value);
                self.emit(copy, target, [source, 0, 0]);
                self.release(position);
                return;
            }
            Node::AssignWhere { variable, value, mask } => {
                let target = self.register_of(Value::Node(variable));
                let is_number = self.builder.is_number(value);
                let select = if is_number { SelectNumber } else { SelectWord };
                let sources = [self.register_of(mask), self.register_of(value), target];
                self.emit(select, target, sources);
                self.release(position);
                return;
            }
            Node::Loop => {
                self.loops.push(self.program.code.len());
                return;
            }
            Node::Repeat { alive } => {
                let first = self.loops.pop().expect("a loop has a beginning") as u32;
                let mask = self.register_of(alive);
                self.emit(Repeat, 0, [mask, first, 0]);
                self.release(position);
                return;
            }
        };
        self.release(position);
        let target = self.allocate(at, position);
        match self.partners[at as usize] {
            Some(partner) if matches!(operation, Sine | Cosine) => {
                let other = self.allocate(partner, position);
                let (sine, cosine) =
                    if operation == Sine { (target, other) } else { (other, target) };
                self.emit(SineCosine, sine, [sources[0], cosine, 0]);
            }
            _ => self.emit(operation, target, sources),
        }
    }

    /// The number of a table in the program.
    fn table(&mut self, table: usize, is_number: bool) -> u32 {
        if let Some(&known) = self.tables.get(&table) {
            return known;
        }
        let builder = self.builder;
        let registers = builder.tables[table].iter().map(|&value| self.register_of(value));
        let registers = registers.collect();
        self.program.tables.push(registers);
        self.program.table_files.push(if is_number { NUMBER } else { WORD });
        let number = self.program.tables.len() as u32 - 1;
        self.tables.insert(table, number);
        number
    }

    fn copy(&self, value: Value) -> Operation {
        if self.builder.is_number(value) { CopyNumber } else { CopyWord }
    }

    fn emit(&mut self, operation: Operation, target: Register, sources: [Register; 3]) {
        self.program.code.push(Instruction { operation, target, sources });
    }

    /// Frees the registers that nothing reads after a position.
    fn release(&mut self, position: usize) {
        for node in std::mem::take(&mut self.ends[position]) {
            let file = self.file(Value::Node(node));
            let register = self.registers[node as usize].expect("it was allocated");
            if register as usize >= self.homes[file].len() {
                self.free[file].push(register);
            }
        }
    }

    /// Returns the register of a new value: that of its home if that is free.
    fn allocate(&mut self, at: u32, position: usize) -> Register {
        let file = self.file(Value::Node(at));
        let end = self.last[at as usize].max(position);
        let home =
            self.wanted[at as usize].filter(|&home| self.homes[file][home as usize] <= position);
        let register = match home {
            Some(home) => {
                self.homes[file][home as usize] = usize::MAX;
                home
            }
            None => {
                self.ends[end].push(at);
                self.free[file].pop().unwrap_or_else(|| {
                    self.count[file] += 1;
                    self.count[file] - 1
                })
            }
        };
        if home.is_none() && end == position {
            // Nothing reads it: the register is free for the next node.
            self.ends[end].retain(|&other| other != at);
            self.free[file].push(register);
        }
        self.registers[at as usize] = Some(register);
        register
    }

    fn file(&self, value: Value) -> usize {
        if self.builder.is_number(value) { NUMBER } else { WORD }
    }

    /// The register of a value, or the number of a constant.
    fn register_of(&mut self, value: Value) -> Register {
        match value {
            Value::Node(node) => self.registers[node as usize].expect("values come before uses"),
            Value::Number(bits) => {
                let numbers = &mut self.numbers;
                let known = self.known_numbers.entry(bits).or_insert_with(|| {
                    numbers.push(f64::from_bits(bits));
                    numbers.len() as u32 - 1
                });
                CONSTANT | *known
            }
            Value::Word(word) => {
                let words = &mut self.words;
                let known = self.known_words.entry(word).or_insert_with(|| {
                    words.push(word);
                    words.len() as u32 - 1
                });
                CONSTANT | *known
            }
        }
    }

    /// Emits moves that happen at once: a register is overwritten when no move reads it any more.
    fn emit_moves(&mut self, moves: Vec<(Register, Register)>, file: usize) {
        let copy = if file == NUMBER { CopyNumber } else { CopyWord };
        let mut readers: HashMap<Register, usize> = HashMap::new();
        for &(source, _) in &moves {
            *readers.entry(source).or_default() += 1;
        }
        let mut sources: BTreeMap<Register, Register> =
            moves.iter().map(|&(source, target)| (target, source)).collect();
        let is_free = |target: &Register| !readers.contains_key(target);
        let mut ready: Vec<Register> = sources.keys().copied().filter(is_free).collect();
        loop {
            while let Some(target) = ready.pop() {
                let source = sources.remove(&target).expect("it is ready once");
                self.emit(copy, target, [source, 0, 0]);
                let left = readers.get_mut(&source).expect("every source is counted");
                *left -= 1;
                if *left == 0 {
                    readers.remove(&source);
                    if sources.contains_key(&source) {
                        ready.push(source);
                    }
                }
            }
            // What is left is circles of moves: one of their values waits elsewhere.
            let Some((&target, _)) = sources.first_key_value() else { break };
            let waiting = self.count[file];
            self.count[file] += 1;
            self.emit(copy, waiting, [target, 0, 0]);
            let reader = sources.values_mut().find(|source| **source == target);
            *reader.expect("a circle reads every target once") = waiting;
            readers.remove(&target);
            readers.insert(waiting, 1);
            ready.push(target);
        }
    }

    /// Moves the outputs to their homes, and numbers the constants.
    pub fn finish(mut self, outputs: &[(Value, Home)]) -> Program {
        for file in [NUMBER, WORD] {
            let mut moves: Vec<(Register, Register)> = Vec::new();
            for (number, &(value, _)) in outputs.iter().enumerate() {
                let target = self.outputs[number];
                if self.file(value) == file && self.register_of(value) != target {
                    moves.push((self.register_of(value), target));
                }
            }
            self.emit_moves(moves, file);
        }
        let mut program = self.program;
        program.outputs = self.outputs;
        let [numbers, words] = self.count;
        program.numbers = File { registers: numbers as usize, constants: self.numbers };
        program.words = File { registers: words as usize, constants: self.words };
        let number = |register: &mut Register, file: usize| {
            if *register & CONSTANT != 0 {
                *register = (*register & !CONSTANT) + self.count[file];
            }
        };
        for instruction in &mut program.code {
            for (position, file) in instruction.operation.source_files().iter().enumerate() {
                number(&mut instruction.sources[position], *file);
            }
        }
        for (table, &file) in program.tables.iter_mut().zip(&program.table_files) {
            table.iter_mut().for_each(|register| number(register, file));
        }
        program
    }
}
