//! Gradients of functions as lessons: the loss is the value.

use deme::gradient::LossGradient;
use deme::task::{Formula, Function, FunctionGradient};

#[test]
fn a_function_is_a_loss_of_one_sample() {
    let function = Function::new(Formula::Sphere, 3, false, false).expect("three dimensions");
    let mut lesson = FunctionGradient(&function);
    let mut gradient = [0.0; 3];
    assert_eq!(lesson.samples(), 1);
    assert_eq!(lesson.descend(&[1.0, -2.0, 0.5], &[0], &mut gradient), 5.25);
    assert_eq!(gradient, [2.0, -4.0, 1.0]);
}
