mod strategy;
