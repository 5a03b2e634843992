using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>kill -9 at random moments, again and again on one folder: what was published is there, in order, and what was settled is repeated only since the last cursor.</summary>
public sealed class LogCrashTests : IDisposable
{
    private const string ChildVariable = "FASTBRIDGE_TEST_LOG_CHILD";
    private const int Rounds = 12;

    private readonly TempFolder _folder = new("crash");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task what_was_published_survives_a_kill_at_any_moment()
    {
        string folder = _folder.File("buffer");
        int published = -1, settled = -1;
        for (int round = 0; round < Rounds; round++)
        {
            // Run by "dotnet exec", the process is dotnet, and this assembly its argument.
            bool hosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, hosted ? ["exec", typeof(LogCrashTests).Assembly.Location] : [])
            {
                Environment = { [ChildVariable] = $"{folder}|{published + 1}" },
                RedirectStandardOutput = true,
            })!;
            string? first = await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Guarded();
            Assert.Equal("ready", first);
            // Some of the rounds wait for the first word, so that there is something to lose on the slowest machine.
            string? word = round % 3 == 0 ? null : await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Guarded();
            await Task.Delay(Random.Shared.Next(5, 120), TestContext.Current.CancellationToken);
            child.Kill();
            string told = (word is null ? "" : word + '\n') + await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            foreach (string line in told.Split('\n')[..^1])
            {
                int number = int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
                if (line[0] == 'p')
                    published = number;
                else
                    settled = number;
            }

            using var rig = new LogRig(folder);
            List<int> left = rig.Drain();
            Assert.Equal(0, rig.Log.LostRecords);
            Assert.True(left.Count == 0 ? settled == published : left[^1] >= published, $"{published} was published, and the last on disk is {(left.Count > 0 ? left[^1] : -1)}");
            if (left.Count > 0)
            {
                Assert.Equal(Enumerable.Range(left[0], left.Count), left);
                Assert.True(left[0] <= settled + 1, $"{settled} was settled, and the first on disk is {left[0]}");
                published = left[^1]; // Written, and not told before the kill.
            }
        }

        Assert.True(published > 0, $"nothing was published in {Rounds} rounds");
    }

    /// <summary>The child: this same executable, before the test runner gets to see it.</summary>
    [ModuleInitializer]
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } what)
            return;
        string[] parts = what.Split('|');
        using var rig = new LogRig(parts[0], maxBytes: 8 * 1024 * 1024, valueLength: 200);
        int next = int.Parse(parts[1], CultureInfo.InvariantCulture), settled = -1;
        using Stream output = Console.OpenStandardOutput();
        Tell("ready\n");
        while (true)
        {
            int count = Random.Shared.Next(1, 200);
            if (rig.Write(Enumerable.Range(next, count)) == count)
            {
                next += count;
                Tell($"p {next - 1}\n");
            }

            List<int> drained = rig.Drain(Random.Shared.Next(0, 250));
            rig.Settle(drained.Count);
            if (drained.Count > 0)
                settled = drained[^1];
            Tell($"s {settled}\n"); // Before the cursor: what it has may be told late, never early.
            rig.SaveCursor();
            rig.Log.Sweep();
        }

        void Tell(string line) => output.Write(System.Text.Encoding.ASCII.GetBytes(line));
    }
}
