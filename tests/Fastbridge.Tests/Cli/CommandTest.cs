using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary>A test of commands as processes: the published executable, in a folder of the test's own, so that no connectors file lies about.</summary>
public abstract class CommandTest : IAsyncLifetime
{
    private static readonly Dictionary<string, string?> Bare = new()
    {
        ["FASTBRIDGE_CONFIG"] = null,
        ["FASTBRIDGE_LOG_LEVEL"] = null,
    };

    protected TempFolder Folder { get; } = new("cli");

    public ValueTask InitializeAsync()
    {
        TestTools.RequireExecutable();
        return ValueTask.CompletedTask;
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Starts a command; standard input is at its end.</summary>
    protected ChildProcess Start(params string[] arguments) => ChildProcess.Start(TestTools.RequireExecutable(), arguments, Bare, Folder.Path);

    protected async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using ChildProcess child = Start(arguments);
        int code = await child.WaitForExitAsync();
        return (code, child.Output.Text, child.Error.Text);
    }

    /// <summary>A line of bash with the executable as <c>$FB</c>.</summary>
    protected async Task<(int Code, string Output, string Error)> ShellAsync(string line, params (string Name, string Value)[] variables)
    {
        var environment = new Dictionary<string, string?>(Bare) { ["FB"] = TestTools.RequireExecutable() };
        foreach ((string name, string value) in variables) environment[name] = value;
        await using ChildProcess child = ChildProcess.Start("/bin/bash", ["-c", line], environment, Folder.Path);
        int code = await child.WaitForExitAsync();
        return (code, child.Output.Text, child.Error.Text);
    }

    /// <summary>One fault, one line: what, where, remedy.</summary>
    protected static void IsOneLine(string error) => Assert.DoesNotContain('\n', error.TrimEnd());
}
