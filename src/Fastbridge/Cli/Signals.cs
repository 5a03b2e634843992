using System.Runtime.InteropServices;

namespace Fastbridge.Cli;

/// <summary>SIGTERM and Ctrl-C: the first asks for the clean end, a second ends the process at once. SIGHUP asks for another look at the connectors.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private PosixSignalRegistration? _reload;
    private int _count;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
    ];

    /// <summary>Fires at the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>What SIGHUP does from now on, on a thread of its own; before, it ends the process, as it does by default. Once.</summary>
    public void OnReload(Action reload) => _reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        reload();
    });

    public void Dispose()
    {
        _reload?.Dispose();
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
            Environment.Exit(CommandTree.Failed);
        // Off the signal thread: what stops must not keep the second signal from being seen.
        ThreadPool.UnsafeQueueUserWorkItem(static s => ((CancellationTokenSource)s!).Cancel(), _stop);
    }
}
