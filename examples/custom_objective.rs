//! An objective of one's own: seven points in the unit square, as far from each other as they can
//! be. There is no network; the genome is the points themselves.
//!
//! ```sh
//! cargo run --release --example custom_objective            # cma-es
//! cargo run --release --example custom_objective snes       # any strategy that searches points
//! ```

use std::sync::Arc;

use deme::error::Result;
use deme::run::{self, Request, Summary};
use deme::task::Function;

const POINTS: usize = 7;

/// The least distance between two points, less a penalty for numbers outside the square.
fn fitness(genome: &[f32]) -> f32 {
    let outside: f32 = genome.iter().map(|x| (x - x.clamp(0.0, 1.0)).abs()).sum();
    let inside: Vec<f32> = genome.iter().map(|x| x.clamp(0.0, 1.0)).collect();
    let points: Vec<&[f32]> = inside.chunks(2).collect();
    let mut least = f32::INFINITY;
    for (index, a) in points.iter().enumerate() {
        for b in &points[..index] {
            least = least.min((a[0] - b[0]).hypot(a[1] - b[1]));
        }
    }
    least - outside
}

/// Searches with a strategy; `None` takes the default.
pub fn run(strategy: Option<String>) -> Result<Summary> {
    // The best possible distance of seven points is 4 - 2 sqrt(3) = 0.536.
    let task = Function::from_fitness("seven-points", 2 * POINTS, fitness)?
        .with_summary("seven points in the unit square, as far from each other as they can be")
        .with_initial_gene(0.5)
        .with_deviation(0.3)
        .with_threshold(0.53);
    let request = Request {
        strategy,
        population: Some(100),
        generations: Some(1000),
        seed: Some(1),
        ..Request::default()
    };
    run::train(&request.check_with_task(Arc::new(task))?, &mut ())
}

fn main() -> Result<()> {
    let summary = run(std::env::args().nth(1))?;
    println!(
        "{}: a least distance of {:.3} after {} evaluations; 0.536 is the best possible",
        summary.strategy,
        summary.score.unwrap_or(f32::NAN),
        summary.evaluations,
    );
    const SIDE: usize = 21;
    let mut rows = vec![vec![' '; 2 * SIDE]; SIDE];
    for point in summary.champion.chunks(2) {
        let place = |x: f32| (x.clamp(0.0, 1.0) * (SIDE - 1) as f32).round() as usize;
        rows[place(point[1])][2 * place(point[0])] = 'o';
    }
    for row in rows {
        println!("|{}|", row.into_iter().collect::<String>());
    }
    Ok(())
}
