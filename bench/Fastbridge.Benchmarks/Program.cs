using BenchmarkDotNet.Running;
using Fastbridge.Benchmarks.Kafka;

if (args is ["kafka-cost", ..])
    ProduceCost.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
