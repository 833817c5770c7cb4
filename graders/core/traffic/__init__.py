"""What is sent: Hypothesis strategies that reach the edges naive code forgets. No I/O."""
